import { messagesOf, withService } from './support/definitions';
it('x', () => {
  const out: string[] = [];
  const t = (label: string, f: () => string[]) => { try { out.push(label + ' => ' + JSON.stringify(f())); } catch (e) { out.push(label + ' THROWS ' + String(e)); } };
  const cases: Record<string, unknown>[] = [
    {replicas:-1},{replicas:1.5},{replicas:1e9},{replicas:'3'},{replicas:NaN},{replicas:null},{replicas:[]},{replicas:{min:3,max:2}},{replicas:{}},{replicas:{min:0,max:2}},{replicas:{min:1,max:2,cpus:5}},{replicas:{min:1,max:2,cpu:0}},
    {replicas:2,storage:{path:'/d',size:'1Gi'}},{replicas:{min:1,max:3},storage:{path:'/d',size:'1Gi'}},{storage:{path:'d',size:'1Gi'}},{storage:{path:'/d',size:'1x'}},{storage:{path:'/d'}},{storage:{}},{storage:'x'},{storage:{path:'/d',size:'1Gi',class:'x'}},
    {resources:{memory:'12x'}},{resources:{memory:5}},{resources:{memory:[]}},{resources:{memory:'1Mi'}},{resources:{memory:{request:'64Mi',limit:'32Mi'}}},{resources:{cpu:{request:1,limit:'500m'}}},{resources:{cpu:0}},{resources:{cpu:'x'}},{resources:{cpu:{limt:1}}},{resources:{ram:1}},{resources:5},{resources:{memory:null}},{resources:{cpu:{limit:'x'}}},
    {port:0},{port:70000},{port:'80'},{port:1.5},{protocol:'udp'},{image:''},{image:undefined},{image:5},{command:[]},{command:'x'},{command:[1]},{env:{'1A':'x'}},{env:{A:1}},{env:[]},{env:{A:'x','B C':'y'}},
    {secrets:{A:'hush'}},{secrets:{a:5}},{secrets:{a:{value:'hush',version:'V 1'}}},{secrets:{a:{value:'hush'}}},{secrets:'hush'},
    {alive:{}},{alive:{http:{path:'/a'},tcp:{}}},{alive:{http:{path:'a'}}},{alive:{http:{}}},{alive:{http:{path:'/a?b'}}},{alive:{http:{path:'/a',port:0}}},{alive:{exec:[]}},{alive:{tcp:{},interval:'1ms'}},{alive:{tcp:{},timeout:5}},{alive:{tcp:{},failures:0}},{alive:{htpp:{path:'/'}}},{alive:'x'},{alive:{tcp:5}},{ready:{http:{pth:'/'}}},
    {port:undefined,alive:{tcp:{}}},{port:undefined,ready:{http:{path:'/'}}},{port:undefined,alive:{tcp:{}},ready:{tcp:{}}},
    {startup:'0s'},{monitor:'-1s'},{timeout:'1'},{stopGrace:'2h'},{calls:['api']},{calls:['ap']},{calls:'x'},{calls:[1]},{after:['x']},{after:['api']},{internet:'yes'},{writablePaths:['tmp']},{writablePaths:'/tmp'},{hardening:{user:'root'}},{hardening:{user:'0'}},{hardening:{user:'0:0'}},{hardening:{usr:'1'}},{hardening:{allowRoot:1}},{hardening:{capabilities:['NET_ADMIN']}},{hardening:5},{transform:5},{replicass:2},{zzzzzzzz:1},{toString:5},
  ];
  for (const c of cases) t(JSON.stringify(c), () => messagesOf(withService(c)));
  for (const d of [null, 5, 'x', [], {}, {services:5}, {services:null}, {services:[]}, {services:{a:null}}, {services:{a:'x'}}, {services:{},jobs:5}, {services:{},gateway:null},{services:{},gateway:5},{services:{},gateway:''},{services:{},gateway:{}},{services:{},gateway:{routes:[]}},{service:{}},{services:{},jobs:{a:{}}},{services:{},jobs:{a:{image:'x',timeout:'0s',port:5}}}]) t(JSON.stringify(d), () => messagesOf(d));
  const api = {image:'x',port:80};
  for (const g of [{routes:[{to:'apy'}]},{routes:[{path:'x',to:'api'}]},{routes:[{to:'api'},{path:'/',to:'api'}]},{routes:[{path:'/a',to:'api'},{path:'/a/',to:'api'}]},{routes:[{to:'w'}]},{routes:[{to:'t'}]},{routes:[{host:'A.b',to:'api'}]},{routes:[{host:'a:80',to:'api'}]},{routes:[{hst:'a',to:'api'}]},{routes:[{}]},{routes:['x']},{routes:[{to:'api'}],port:0},{routes:[{to:'api'}],prot:1},{routes:[{to:'api'}],transform:1}])
    t(JSON.stringify(g), () => messagesOf({services:{api,w:{image:'x'},t:{image:'x',port:1,protocol:'tcp'}},gateway:g}));
  t('cycle', () => messagesOf({services:{a:{...api,calls:['b']},b:{...api,calls:['c']},c:{...api,calls:['a']}}}));
  t('cyclejob', () => messagesOf({services:{a:{...api,after:['j']}},jobs:{j:{image:'x',calls:['a']}}}));
  t('names', () => messagesOf({services:{'A':api,'-a':api,'a.b':api,'':api,['x'.repeat(41)]:api,'gateway':api,'j':api},jobs:{j:{image:'x'},'b_c':{image:'x'}}}, 'Shop'));
  t('worker', () => messagesOf({services:{api:{...api,calls:['w']},w:{image:'x'}}}));
  t('proto', () => messagesOf(JSON.parse('{"services":{"__proto__":{"image":"x"}}}')));
  t('env proto', () => messagesOf(JSON.parse('{"services":{"a":{"image":"x","env":{"__proto__":"y"}}}}')));
  process.stdout.write(out.join('\n') + '\n');
});
