// The services a governed log starts, in this order; they stop in the reverse. Each capability adds its line here.
import type { PolicyService } from './service.ts';

export const SERVICES: readonly PolicyService[] = [];
