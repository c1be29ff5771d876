import { ALARM_RULES, alarmArgs } from '../../../components/aws/alarms';

const args = Object.fromEntries(Object.entries(ALARM_RULES).map(([name, rule]) => [name, alarmArgs(rule, 'shop')]));

describe('the alarms of a cluster', () => {
  it('look at nodes, pods, the control plane, the load balancer, and at whether they can see anything', () =>
    expect(Object.keys(args)).toEqual([
      'failed-nodes',
      'crashing-pods',
      'pods-without-a-place',
      'api-server-errors',
      'unhealthy-gateway',
      'no-metrics',
    ]));

  it.each(Object.keys(args))('%s says what it means, and goes off only after some minutes in a row', (name) => {
    const { alarmDescription, evaluationPeriods, datapointsToAlarm } = args[name]!;
    expect(alarmDescription.length).toBeGreaterThan(40);
    expect(evaluationPeriods).toBeGreaterThanOrEqual(5);
    expect(datapointsToAlarm).toBe(evaluationPeriods);
  });

  it('concern this cluster', () => {
    for (const one of Object.values(args)) {
      if ('metricQueries' in one) expect(one.metricQueries[0]!.expression).toMatch(/^SELECT MAX\(\w+\) FROM SCHEMA\(/);
      else expect(one.dimensions).toEqual({ ClusterName: 'shop' });
    }
  });

  it('take silence for good, but for the one that is about silence', () => {
    const silent = Object.entries(args).filter(([, { treatMissingData }]) => treatMissingData === 'breaching');
    expect(silent.map(([name, { comparisonOperator, threshold }]) => [name, comparisonOperator, threshold])).toEqual([
      ['no-metrics', 'LessThanThreshold', 1],
    ]);
  });

  it('count errors, and look at the worst of everything else', () => {
    const statistic = (name: string) => (args[name] as { statistic?: string }).statistic;
    expect(statistic('api-server-errors')).toBe('Sum');
    expect(statistic('failed-nodes')).toBe('Maximum');
    expect(args['failed-nodes']).toMatchObject({ comparisonOperator: 'GreaterThanThreshold', threshold: 0 });
  });

  it('give a new node time to come before they call a pod homeless', () =>
    expect(args['pods-without-a-place']!.evaluationPeriods).toBe(10));
});
