// How people are told of alerts. Secrets of channels come from the environment or from files, and nowhere else.
import { z } from 'zod';
import { webhookKey } from '../alerting/channels/signature.ts';
import {
  type AlertChannel,
  type AlertRate,
  DEFAULT_CHANNEL_RATE,
  DEFAULT_CHANNEL_RETRY_FOR,
  DEFAULT_CHANNEL_RETRY_MAX,
  DEFAULT_CHANNEL_TIMEOUT,
  DEFAULT_SMTP_PORT,
} from '../alerting/options.ts';
import { listSetting } from '../settings/collections.ts';
import { count, duration, LONGEST_TIMER, spellDuration } from '../settings/quantities.ts';
import { fileText, secret } from '../settings/secrets.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { choice, type TextRule, text } from '../settings/words.ts';
import { allRight, given, section } from './section.ts';

const address: TextRule = { what: 'an http or https URL without user and password', test: isAddress };
const webhookSecret: TextRule = {
  what: 'whsec_ and 24 to 64 bytes in base64, such as of: echo whsec_$(openssl rand -base64 32)',
  test: (value) => webhookKey(value) !== null,
};
const mailbox = text({
  what: 'an e-mail address such as audit@shop.example',
  test: (value) => /^[^@\r\n]*[^@\s]+@[^@\s]+$/.test(value),
});
const password: TextRule = { what: 'a password on one line', test: (value) => !/[\r\n]/.test(value) };
const certificate = fileText({ what: 'PEM', test: (value) => value.includes('-----BEGIN CERTIFICATE-----') });
const CA = 'PEM of authorities to trust instead of those Node.js knows.';

const webhook = section(
  {
    url: setting(text(address), 'Where the alert is posted as signed JSON.', null),
    secret: setting(secret(webhookSecret), 'Key of the signature, from the environment.', null),
    secretFile: setting(fileText(webhookSecret), 'A file that holds it, instead.', null),
    caFile: setting(certificate, CA, null),
  },
  'A POST of JSON, signed as Standard Webhooks are.',
)
  .refine(onlyWith('url', 'secret', 'secretFile', 'caFile'), needed('url', 'is needed: where the alert goes'))
  .refine(
    ({ url, secret, secretFile }) =>
      url === undefined || (secret === undefined) !== (secretFile === undefined),
    {
      path: ['secret'],
      error: 'or secretFile is needed, and not both: the receiver must know who sent the alert',
    },
  );

const email = section(
  {
    host: setting(text(), 'Name of the SMTP server.', null),
    port: setting(count({ least: 1, most: 65_535 }), 'Its port.', DEFAULT_SMTP_PORT),
    security: setting(
      choice('starttls', 'tls', 'none'),
      'starttls does not go on without it; tls speaks it from the first byte on; none sends in clear.',
      'starttls',
    ),
    user: setting(text(), 'Name to log in with.', null),
    password: setting(secret(password), 'Its password, from the environment.', null),
    passwordFile: setting(fileText(password), 'A file that holds it, instead.', null),
    from: setting(mailbox, 'Who the message is from.', null),
    to: listSetting(mailbox, 'Who gets it.', null),
    caFile: setting(certificate, CA, null),
  },
  'A message in plain text.',
)
  .refine(
    onlyWith('host', 'port', 'security', 'user', 'password', 'passwordFile', 'from', 'to', 'caFile'),
    needed('host', 'is needed: which server sends the message'),
  )
  .refine(
    ({ host, from }) => host === undefined || from !== undefined,
    needed('from', 'is needed beside host'),
  )
  .refine(
    ({ host, to }) => host === undefined || (to?.length ?? 0) > 0,
    needed('to', 'is needed beside host, with one address at least'),
  )
  .refine(
    ({ user, password, passwordFile }) =>
      Number(password !== undefined) + Number(passwordFile !== undefined) === Number(user !== undefined),
    {
      path: ['user'],
      error: 'goes with one of password and passwordFile, and they with it',
    },
  );

const slack = section(
  {
    url: setting(
      secret(address),
      'URL of the incoming webhook, which is a secret: from the environment, at least in part.',
      null,
    ),
    urlFile: setting(fileText(address), 'A file that holds it, instead.', null),
    caFile: setting(certificate, CA, null),
  },
  'A message in Slack, or in what understands its incoming webhooks.',
).refine(
  ({ url, urlFile, caFile }) =>
    url === undefined || urlFile === undefined
      ? (url ?? urlFile) !== undefined || caFile === undefined
      : false,
  { path: ['url'], error: 'or urlFile is needed, and not both' },
);

const channel = section(
  {
    webhook,
    email,
    slack,
    command: section(
      {
        run: listSetting(
          text(),
          'A program and its arguments; no shell is involved. It reads the alert as JSON, and ends with 0.',
          null,
        ),
      },
      'A program of your own.',
    ),
    log: section(
      {
        to: setting(
          choice('stderr', 'entry'),
          'stderr: a line of JSON on standard error; entry: the whole alert in alert.delivered.',
          null,
        ),
      },
      'Where nobody has to be reached.',
    ),
    rate: setting(rate(), 'Alerts delivered within a time; more wait.', spellRate(DEFAULT_CHANNEL_RATE)),
    timeout: setting(
      duration({ least: 1, most: LONGEST_TIMER }),
      'How long one attempt may take.',
      spellDuration(DEFAULT_CHANNEL_TIMEOUT),
    ),
    retryFor: setting(
      duration(),
      'How long an alert is tried to be delivered.',
      spellDuration(DEFAULT_CHANNEL_RETRY_FOR),
    ),
    retryMax: setting(
      duration({ least: 1, most: LONGEST_TIMER }),
      'Longest wait between two attempts; the first is 1s, and doubled with each that fails.',
      spellDuration(DEFAULT_CHANNEL_RETRY_MAX),
    ),
  },
  'One channel: one of webhook, email, slack, command and log.',
).superRefine(
  (values, context) => {
    const kinds = Object.values(kindsOf(values)).filter((kind) => kind !== undefined);
    if (kinds.length === 1) return;
    const message = 'must have one of webhook, email, slack, command and log, with what is needed in it';
    context.addIssue({ code: 'custom', path: [], message });
  },
  { when: allRight },
);

export const channelsSection = z
  .record(z.string(), channel)
  .nullish()
  .meta({ description: 'Who is told of alerts, each channel under a name of your own. Default: nobody.' });

export function channelsOptions(
  channels: z.output<typeof channelsSection>,
): Readonly<Record<string, AlertChannel>> {
  return Object.fromEntries(
    Object.entries(channels ?? {}).map(([name, values]) => {
      const { rate, timeout, retryFor, retryMax } = values;
      return [name, { ...given(kindsOf(values)), ...given({ rate, timeout, retryFor, retryMax }) }];
    }),
  );
}

/** The kinds a channel has; a section with nothing in it is none. */
function kindsOf(
  values: z.output<typeof channel>,
): Pick<AlertChannel, 'webhook' | 'email' | 'slack' | 'command' | 'log'> {
  const { webhook, email, slack, command, log } = values;
  return {
    ...(webhook.url !== undefined && {
      webhook: {
        url: webhook.url,
        secret: (webhook.secret ?? webhook.secretFile)!,
        ...given({ ca: webhook.caFile }),
      },
    }),
    ...(email.host !== undefined && {
      email: {
        host: email.host,
        from: email.from!,
        to: email.to!,
        ...given({ port: email.port, security: email.security, user: email.user }),
        ...given({ password: email.password ?? email.passwordFile, ca: email.caFile }),
      },
    }),
    ...((slack.url ?? slack.urlFile) !== undefined && {
      slack: { url: (slack.url ?? slack.urlFile)!, ...given({ ca: slack.caFile }) },
    }),
    ...((command.run?.length ?? 0) > 0 && { command: { run: command.run! } }),
    ...(log.to !== undefined && { log: { to: log.to } }),
  };
}

/** `60/1m`: so many within a time. */
export function rate(): Reader<AlertRate> {
  const time = duration({ least: 1, most: LONGEST_TIMER });
  return {
    json: { type: 'string', pattern: '^[1-9]\\d{0,8}/[1-9]\\d*(ms|s|m|h|d)$' },
    read(value) {
      const [, alerts, within] =
        (typeof value === 'string' && /^([1-9]\d{0,8})\/([1-9].*)$/.exec(value)) || [];
      if (alerts === undefined) throw new Unfit('must be a number of alerts and a time, such as 60/1m');
      return { alerts: Number(alerts), within: time.read(within, false) };
    },
  };
}

export function spellRate({ alerts, within }: AlertRate): string {
  return `${alerts}/${spellDuration(within)}`;
}

/** Where nothing of a section is given, it is not there, and needs nothing. */
function onlyWith(
  first: string,
  ...others: readonly string[]
): (values: Readonly<Record<string, unknown>>) => boolean {
  return (values) => values[first] !== undefined || others.every((other) => values[other] === undefined);
}

/** Told only where all that is there is right: it may be what is needed. */
function needed(key: string, error: string) {
  return { path: [key], error, when: allRight };
}

function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
