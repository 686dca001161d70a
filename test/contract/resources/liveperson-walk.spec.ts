import { livepersonTextSpec, planOf } from '#test/factories/index.js';
import { livepersonConnection } from '../vendors/liveperson.js';
import { walkPlan } from './walk.js';

walkPlan(planOf(livepersonTextSpec()), (url) => ({ connections: [livepersonConnection(url)] }));
