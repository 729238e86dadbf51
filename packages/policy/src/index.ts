// The public surface of @audit/policy, name by name.
export { PolicyError, type PolicyErrorCode, type PolicyProblem } from './problem.ts';
