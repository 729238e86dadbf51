import { shared } from '../../config/vitest.ts';

export default shared;
