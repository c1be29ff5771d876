// Prints what belongs into replacements-docker.json, from the schema on standard input:
// npx pulumi package get-schema docker | npx tsx scripts/plan/docker-replacements.ts > scripts/plan/replacements-docker.json
import { text } from 'node:stream/consumers';

interface Property {
  type?: string;
  $ref?: string;
  items?: Property;
  additionalProperties?: Property;
  willReplaceOnChanges?: boolean;
}
interface Schema {
  resources: Record<string, { inputProperties: Record<string, Property> }>;
  types: Record<string, { properties?: Record<string, Property> }>;
}

const TYPES = [
  'container:Container',
  'network:Network',
  'registryImage:RegistryImage',
  'remoteImage:RemoteImage',
  'secret:Secret',
  'service:Service',
  'serviceConfig:ServiceConfig',
  'volume:Volume',
].map((type) => `docker:index/${type}`);

/**
 * Patterns below some properties. An object's own mark is for its being there or not, which Terraform counts as a list of one; what
 * changes within it is marked by itself. That of a list is for any change of it.
 */
function patterns({ types }: Schema, properties: Record<string, Property>, at: readonly string[]): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = [...at, name];
    const inner = property.items ?? property.additionalProperties;
    const reference = (inner ?? property).$ref?.replace('#/types/', '');
    if (property.willReplaceOnChanges === true && (inner !== undefined || reference === undefined))
      return [path.join('.')];
    const nested = reference === undefined ? undefined : types[reference]?.properties;
    return nested === undefined
      ? []
      : patterns({ types } as Schema, nested, inner === undefined ? path : [...path, '*']);
  });
}

async function main(): Promise<void> {
  const schema = JSON.parse(await text(process.stdin)) as Schema;
  const all = TYPES.map((type) => [type, patterns(schema, schema.resources[type]!.inputProperties, []).sort()]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}

void main();
