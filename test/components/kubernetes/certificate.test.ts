import { certificateFacts } from '../../../components/kubernetes/certificate';

/** Ends at ENDS. Its key was thrown away. */
const PEM = `-----BEGIN CERTIFICATE-----
MIIBhDCCASmgAwIBAgIUD861lRpuEGT3nWrdwd0hmxyd/iIwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMc2hvcC5leGFtcGxlMB4XDTI2MTEyNzE2NDQyNloXDTI3MDMw
NzE2NDQyNlowFzEVMBMGA1UEAwwMc2hvcC5leGFtcGxlMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEI5tyLWPm8vIVI/PCRKeGaLplF5izAx6M3FNNoKf5wvced6AF
bwI4BUbGfbLEKAhoC6QE3AedWu4YirAxknNUgaNTMFEwHQYDVR0OBBYEFH7MgT+b
24QBzGb5z3dPomYT5m4KMB8GA1UdIwQYMBaAFH7MgT+b24QBzGb5z3dPomYT5m4K
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhALKA4iI0bkRowFCk
JceHHRtRRJ0808wPlym0KT+tg0/tAiEAx7zvRngH8cr3e7SejZOzuAx+YU4pHwl0
/5F1q19J3AU=
-----END CERTIFICATE-----
`;
const ENDS = Date.parse('Mar  7 16:44:26 2027 GMT');
const HOUR = 3_600_000;
const secret = (pem: string) => ({ data: { 'tls.crt': Buffer.from(pem).toString('base64') } });

describe('a certificate', () => {
  it.each([
    [25, 1],
    [23, 0],
    [-1, -1],
  ])('%d hours before its end is valid for %d more days', (hours, daysLeft) =>
    expect(certificateFacts(secret(PEM), ENDS - hours * HOUR)).toMatchObject({ daysLeft }),
  );

  it('has another fingerprint when it is another', () => {
    const { fingerprint } = certificateFacts(secret(PEM));
    expect(certificateFacts(secret(PEM)).fingerprint).toBe(fingerprint);
    expect(certificateFacts(secret(`${PEM}\n`)).fingerprint).not.toBe(fingerprint);
  });

  it.each([{}, { data: {} }, secret(''), secret('no certificate')])('that cannot be read has no end: %j', (one) =>
    expect(certificateFacts(one)).not.toHaveProperty('daysLeft'),
  );
});
