import { existsSync } from 'node:fs';
import path from 'node:path';
import { portsFrom, serviceNames } from '../lib/ports.mjs';
import { kubernetesDocuments, readYaml, watchReads } from './manifests.mjs';
import { schemas } from './schemas.mjs';
import { addressesOf, fieldsOf, mockSettings, nodeSettings, platformSettings } from './settings.mjs';

const folder = path.join(__dirname, '../../k8s');
const documents = kubernetesDocuments(folder);
const ports = portsFrom({});
const byKind = (kind) => documents.filter(({ content }) => content.kind === kind).map(({ content }) => content);
const named = (kind, name) => byKind(kind).find(({ metadata }) => metadata.name === name);
const title = ({ file, content }) => `${file}: ${content.kind} ${content.metadata.name}`;

/** Problems of a document by Kubernetes' own schema, unknown fields included. */
async function problemsOf(content) {
  // The package has one folder per API version, the core group's without a group.
  const models = await import(`kubernetes-models/${content.apiVersion}`);
  const Model = models[content.kind];
  if (!Model) return [`there is no ${content.kind} in ${content.apiVersion}`];
  const { view, unread } = watchReads(content);
  try {
    Model.prototype.validate.call(view);
  } catch (error) {
    return [error.message];
  }
  return unread().map((field) => `${field} is not in the schema`);
}

const podSpecs = documents
  .filter(({ content }) => content.spec?.template?.spec)
  .map((document) => ({ ...document, name: title(document), pod: document.content.spec.template.spec }));

describe('the Kubernetes manifests', () => {
  test('pass the schemas of Kubernetes', async () => {
    const problems = await Promise.all(
      documents.map(async (document) =>
        (await problemsOf(document.content)).map((problem) => `${title(document)}: ${problem}`),
      ),
    );
    expect(problems.flat()).toEqual([]);
    expect(documents.length).toBeGreaterThan(30);
  });

  test('are checked by schemas that see a wrong type, a missing field and a misspelt one', async () => {
    const good = named('Deployment', 'gateway');
    const change = (edit) => {
      const copy = structuredClone(good);
      edit(copy.spec.template.spec);
      return problemsOf(copy);
    };
    expect(await change(() => undefined)).toEqual([]);
    expect(await change((pod) => (pod.terminationGracePeriodSeconds = 'soon'))).toEqual([
      expect.stringContaining('terminationGracePeriodSeconds'),
    ]);
    expect(await change((pod) => delete pod.containers)).toEqual([expect.stringContaining('containers')]);
    expect(await change((pod) => (pod.containers[0].livenessProb = {}))).toEqual([
      '/spec/template/spec/containers/0/livenessProb is not in the schema',
    ]);
  });

  test('are all listed in a kustomization', () => {
    for (const place of ['', 'trial']) {
      const listed = readYaml(path.join(folder, place, 'kustomization.yaml')).resources;
      const present = documents
        .map(({ file }) => file)
        .filter((file) => path.dirname(file) === (place || '.') && !file.endsWith('.example.yaml'))
        .map((file) => path.basename(file));
      expect([...listed].sort()).toEqual([...new Set(present)].sort());
      listed.forEach((file) => expect(existsSync(path.join(folder, place, file))).toBe(true));
    }
  });
});

describe.each(serviceNames)('%s on Kubernetes', (service) => {
  const deployment = named('Deployment', service);
  const container = deployment?.spec.template.spec.containers[0];

  test('has a Deployment whose labels its Service, its PodDisruptionBudget and it itself select', () => {
    const { labels } = deployment.spec.template.metadata;
    expect(deployment.spec.selector.matchLabels).toEqual(labels);
    expect(named('Service', service).spec.selector).toEqual(labels);
    expect(named('PodDisruptionBudget', service).spec.selector.matchLabels).toEqual(labels);
  });

  test('listens where its Service, its probes and its scrape annotation say', () => {
    const expected = { http: ports.http[service], grpc: ports.grpc[service] };
    expect(Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]))).toEqual(
      expected,
    );
    const servicePorts = named('Service', service).spec.ports;
    expect(Object.fromEntries(servicePorts.map(({ targetPort, port }) => [targetPort, port]))).toEqual(expected);
    expect(deployment.spec.template.metadata.annotations['prometheus.io/port']).toBe(String(expected.http));
    expect(container.args).toEqual([service]);
  });

  test('is probed for being alive and for being ready', () => {
    expect(container.livenessProbe.httpGet).toEqual({ path: '/health/live', port: 'http' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/health/ready', port: 'http' });
    expect(container.startupProbe.httpGet).toEqual({ path: '/health/live', port: 'http' });
  });

  test('gives a pod more time to end than the service takes at the most', () => {
    const hardLimitSeconds = 30;
    expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(hardLimitSeconds);
  });

  test('scales by itself where its load grows with the requests', () => {
    const scaler = named('HorizontalPodAutoscaler', service);
    if (service === 'router') {
      expect(scaler).toBeUndefined();
      expect(deployment.spec.replicas).toBeGreaterThan(1);
      return;
    }
    expect(scaler.apiVersion).toBe('autoscaling/v2');
    expect(scaler.spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: service });
    expect(scaler.spec.maxReplicas).toBeGreaterThan(scaler.spec.minReplicas);
    // A number of replicas beside an autoscaler would reset it at every apply.
    expect(deployment.spec.replicas).toBeUndefined();
  });

  test('sets only what the service reads', () => {
    const known = [...Object.keys(fieldsOf(schemas[service])), ...platformSettings, ...nodeSettings];
    const own = (container.env ?? []).map(({ name }) => name);
    expect(own.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('every pod', () => {
  test.each(podSpecs)('of $name runs without privileges, within limits, and without a token', ({ pod }) => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext.runAsNonRoot).toBe(true);
    expect(pod.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
    for (const container of pod.containers) {
      expect(container.securityContext.allowPrivilegeEscalation).toBe(false);
      expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
      expect(container.securityContext.capabilities).toEqual({ drop: ['ALL'] });
      for (const kind of ['requests', 'limits'])
        expect(Object.keys(container.resources[kind]).sort()).toEqual(['cpu', 'memory']);
    }
  });

  test('mounts only volumes that it has', () => {
    const missing = podSpecs.flatMap(({ name, pod }) =>
      pod.containers.flatMap(({ volumeMounts = [] }) =>
        volumeMounts
          .filter((mount) => !(pod.volumes ?? []).some((volume) => volume.name === mount.name))
          .map((mount) => `${name}: ${mount.name}`),
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe('the settings on Kubernetes', () => {
  const shared = named('ConfigMap', 'costlane').data;
  const secrets = named('Secret', 'costlane').stringData;
  const all = new Set(Object.values(schemas).flatMap((schema) => Object.keys(fieldsOf(schema))));

  test('are settings that some service has', () => {
    const names = byKind('ConfigMap')
      .flatMap(({ data }) => Object.keys(data))
      .concat(Object.keys(secrets));
    const known = new Set([...all, ...platformSettings, ...mockSettings]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  test.each(serviceNames)('are accepted by %s', (service) => {
    const env = named('Deployment', service).spec.template.spec.containers[0].env ?? [];
    const own = env.map(({ name, value }) => [name, value ?? secrets[name]]).filter(([, value]) => value !== undefined);
    for (const overrides of [{}, named('ConfigMap', 'costlane-overrides').data]) {
      const parsed = schemas[service].safeParse({ ...shared, ...overrides, ...Object.fromEntries(own) });
      expect(parsed.error?.issues ?? []).toEqual([]);
    }
  });

  test('give each secret that a pod needs a place in the example', () => {
    const wanted = podSpecs
      .filter(({ file }) => !file.startsWith('trial'))
      .flatMap(({ pod }) => pod.containers[0].env ?? [])
      .filter(({ valueFrom }) => valueFrom?.secretKeyRef && !valueFrom.secretKeyRef.optional)
      .map(({ valueFrom }) => valueFrom.secretKeyRef.key);
    expect(wanted.filter((key) => !(key in secrets))).toEqual([]);
  });

  test('name services and ports that exist', () => {
    const addresses = new Set(Object.values(schemas).flatMap(addressesOf));
    expect(addresses.size).toBeGreaterThan(3);
    for (const name of addresses) {
      const [, service, port] = /^dns:\/\/\/([a-z-]+):(\d+)$/.exec(shared[name]) ?? [];
      expect([name, Number(port)]).toEqual([name, ports.grpc[service]]);
    }
  });

  test('are the same namespace for the trial and for the rest', () => {
    expect(byKind('Namespace').length).toBe(2);
    expect(byKind('Namespace')[0]).toEqual(byKind('Namespace')[1]);
  });
});
