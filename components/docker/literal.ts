import * as pulumi from '@pulumi/pulumi';

/**
 * Swarm expands templates of Go in the values of environment variables. Written as a template of its own, each `{{` arrives
 * as it is, as on every other target.
 */
export function literal(text: string): string {
  return text.replaceAll('{{', '{{"{{"}}');
}

/** Variables whose values arrive as they are. */
export function literals(env: Readonly<Record<string, pulumi.Input<string>>>): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      typeof value === 'string' ? literal(value) : pulumi.output(value).apply(literal),
    ]),
  );
}
