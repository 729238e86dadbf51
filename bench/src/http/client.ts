// The process that makes the load: told a plan over its channel, answers with the result.
import { type LoadPlan, load } from './load.ts';

process.on('message', (plan: LoadPlan) => {
  load(plan).then(
    (result) => process.send?.(result),
    (error) => {
      throw error;
    },
  );
});
process.on('disconnect', () => process.exit());
