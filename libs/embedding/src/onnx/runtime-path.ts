import { createRequire } from 'node:module';
import { CostlaneError } from '@costlane/domain';

const packageName = 'onnxruntime-node';

/**
 * Where onnxruntime-node's entry file lies; it is no dependency of Costlane, being large. `runtime` names another place, such as the
 * folder of the package. Throws a CostlaneError `unavailable` that says how to get it.
 */
export function resolveRuntime(runtime: string = packageName): string {
  try {
    return createRequire(import.meta.url).resolve(runtime);
  } catch (cause) {
    const message =
      `EMBEDDING_PROVIDER=onnx needs the package ${packageName}, which is not part of the default install: run ` +
      `"npm install ${packageName}" in Costlane's folder, or name the folder that holds it; or choose EMBEDDING_PROVIDER=static.`;
    throw new CostlaneError('unavailable', message, { cause });
  }
}
