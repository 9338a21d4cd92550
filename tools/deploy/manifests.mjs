// Reads the deployment files for the specs beside it.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

/** Every YAML document below `folder` but kustomize's own files, each with the name of its file. */
export function kubernetesDocuments(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.yaml'));
  return names
    .filter((name) => path.basename(name) !== 'kustomization.yaml')
    .sort()
    .flatMap((file) =>
      parseAllDocuments(readFileSync(path.join(folder, file), 'utf8'), { strict: true, uniqueKeys: true }).map(
        (document) => {
          if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0].message}`);
          return { file, content: document.toJS() };
        },
      ),
    );
}

/** A YAML file, with `<<` merged as Docker Compose does. */
export function readYaml(file) {
  return parse(readFileSync(file, 'utf8'), { merge: true });
}

/**
 * A view of `value` that remembers which of its fields were looked at. A validator made from a schema asks for every field that the
 * schema knows, so what it never asked for is a field that the schema does not have: a misspelt one.
 */
export function watchReads(value) {
  const seen = new Map();
  const watch = (target, where) => {
    if (typeof target !== 'object' || target === null) return target;
    const read = new Set();
    seen.set(where, { target, read });
    return new Proxy(target, {
      get(object, key, receiver) {
        if (typeof key === 'string') read.add(key);
        return typeof key === 'string' && Object.hasOwn(object, key)
          ? watch(object[key], `${where}/${key}`)
          : Reflect.get(object, key, receiver);
      },
      ownKeys(object) {
        Object.keys(object).forEach((key) => read.add(key));
        return Reflect.ownKeys(object);
      },
    });
  };
  return {
    view: watch(value, ''),
    /** Paths of the fields that nobody looked at. */
    unread: () =>
      [...seen].flatMap(([where, { target, read }]) =>
        Array.isArray(target)
          ? []
          : Object.keys(target)
              .filter((key) => !read.has(key))
              .map((key) => `${where}/${key}`),
      ),
  };
}
