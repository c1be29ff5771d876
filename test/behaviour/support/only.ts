import { target } from './target';

/** For what only one target has. What one of them cannot hold stands in docs/promises.md. */
export const onDocker = target.name === 'docker' ? describe : describe.skip;
export const onKubernetes = target.name === 'kubernetes' ? describe : describe.skip;
