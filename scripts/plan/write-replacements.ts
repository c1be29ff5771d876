// Writes replacements-docker.json from the schema that `pulumi package get-schema docker` prints on standard input.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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

const schema = JSON.parse(readFileSync(0, 'utf8')) as Schema;
const all = Object.fromEntries(
  TYPES.map((type) => [type, patterns(schema, schema.resources[type]!.inputProperties, []).sort()]),
);
writeFileSync(join(__dirname, 'replacements-docker.json'), `${JSON.stringify(all, null, 2)}\n`);
