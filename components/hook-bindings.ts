import type * as pulumi from '@pulumi/pulumi';

/** Hooks of several purposes, in this order at each moment. */
export function allHooks(...bindings: readonly pulumi.ResourceHookBinding[]): pulumi.ResourceHookBinding {
  const result: Record<string, pulumi.ResourceHook[]> = {};
  for (const binding of bindings) {
    for (const [moment, hooks] of Object.entries(binding) as [string, pulumi.ResourceHook[]][])
      result[moment] = [...(result[moment] ?? []), ...hooks];
  }
  return result;
}
