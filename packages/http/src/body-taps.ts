// The bodies of one exchange: watched only where a rule may ask for them, told as far as it does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Detail } from '@audit/core';
import { describeBody, type RecordedBody } from './body.ts';
import { BodyTap, tapRequest } from './body-tap.ts';
import { reaches } from './detail.ts';

/** What `data` gains. */
export interface Bodies {
  readonly requestBody?: RecordedBody | undefined;
  readonly responseBody?: RecordedBody | undefined;
}

export class BodyTaps {
  readonly #limit: number;
  readonly #request: BodyTap;
  /** Where the response's body goes as it passes. */
  readonly response: BodyTap | undefined;

  /** Undefined where no body will be told. */
  static of(req: IncomingMessage, most: Detail, limit: number): BodyTaps | undefined {
    return reaches(most, 'request') ? new BodyTaps(req, most, limit) : undefined;
  }

  /** @param most the most that will be told */
  private constructor(req: IncomingMessage, most: Detail, limit: number) {
    this.#limit = limit;
    this.#request = tapRequest(req, limit);
    this.response = reaches(most, 'request-response') ? new BodyTap(limit) : undefined;
  }

  describe(detail: Detail, req: IncomingMessage, res: ServerResponse): Bodies | undefined {
    if (!reaches(detail, 'request')) return undefined;
    const { body } = req as { readonly body?: unknown };
    const { headers } = req;
    const sent = { type: headers['content-type'], encoding: headers['content-encoding'] };
    const answered = { type: res.getHeader('content-type'), encoding: res.getHeader('content-encoding') };
    return {
      requestBody: describeBody(this.#request, sent, this.#limit, body),
      responseBody:
        this.response && reaches(detail, 'request-response')
          ? describeBody(this.response, answered, this.#limit)
          : undefined,
    };
  }
}
