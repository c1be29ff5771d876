import { target } from './target';

/** For what only one target has. What one of them cannot hold stands in the README, in the table of promises. */
export const onDocker = target.name === 'docker' ? describe : describe.skip;
export const onKubernetes = target.name === 'kubernetes' ? describe : describe.skip;
