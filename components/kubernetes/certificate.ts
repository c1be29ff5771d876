import { X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { shortHash } from '../identity';

/** The certificate of a Secret of type kubernetes.io/tls. */
export interface CertificateFacts {
  /** Another one after each renewal. */
  fingerprint: string;
  /** Whole days that it is still valid, negative afterwards. Left out where it can't be read. */
  daysLeft?: number;
}

const DAY = 24 * 60 * 60 * 1_000;

/** Reads the certificate; the key is not looked at. */
export function certificateFacts({ data }: Pick<V1Secret, 'data'>, now = Date.now()): CertificateFacts {
  const pem = Buffer.from(data?.['tls.crt'] ?? '', 'base64').toString();
  return { fingerprint: shortHash(pem, 10), ...daysLeft(pem, now) };
}

function daysLeft(pem: string, now: number): Pick<CertificateFacts, 'daysLeft'> {
  try {
    return { daysLeft: Math.floor((Date.parse(new X509Certificate(pem).validTo) - now) / DAY) };
  } catch {
    return {};
  }
}
