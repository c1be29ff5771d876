import { ciNames, type CiNames, type CiSettings } from '../../components/aws/ci-names';

/** The roles for CI that the tests look at. */
export const CI_SETTINGS: CiSettings = {
  account: '123456789012',
  region: 'eu-central-1',
  project: 'shop',
  repository: 'example/shop',
  applicationStack: 'prod',
  clusterStack: 'prod-cluster',
};
export const CI_NAMES = ciNames(CI_SETTINGS, [], []) as CiNames;
export const CI_KEYS = {
  stateKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/state',
  secretsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/secrets',
};
