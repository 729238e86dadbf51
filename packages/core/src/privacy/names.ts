// Names that promise a secret: `password`, `X-Api-Key`, `user[newPassword]`. Imports nothing.

/**
 * Names that are secret by default. A name is compared without case, `-`, `_`, spaces and other separators, and
 * counts where it is one of these, or where its last words are: `dbPassword`, `x-api-key`, `user[pin]`.
 */
export const SECRET_NAMES: readonly string[] = [
  ...['password', 'passwords', 'passwd', 'pwd', 'pass', 'pw', 'passcode', 'passphrase', 'passkey'],
  ...['secret', 'secrets', 'clientsecret', 'secretkey', 'secretaccesskey', 'sharedsecret'],
  ...[
    'token',
    'accesstoken',
    'refreshtoken',
    'idtoken',
    'authtoken',
    'bearer',
    'jwt',
    'assertion',
    'clientassertion',
  ],
  ...['apikey', 'apikeys', 'accesskey', 'accesskeyid', 'authkey', 'signingkey', 'encryptionkey', 'masterkey'],
  ...['privatekey', 'privkey', 'hmackey', 'accountkey', 'sharedaccesskey', 'subscriptionkey', 'functionskey'],
  ...['authorization', 'authorisation', 'proxyauthorization', 'cookie', 'cookies', 'setcookie'],
  ...['session', 'sessionid', 'sessionkey', 'sessid', 'phpsessid', 'jsessionid', 'sid'],
  ...[
    'csrf',
    'xsrf',
    'codeverifier',
    'authcode',
    'authorizationcode',
    'otp',
    'totp',
    'pin',
    'magiclink',
    'recoverycode',
  ],
  ...[
    'cvv',
    'cvv2',
    'cvc',
    'cvc2',
    'cardnumber',
    'ccnumber',
    'creditcard',
    'pan',
    'ssn',
    'socialsecuritynumber',
  ],
  ...['credential', 'credentials', 'connectionstring', 'connstring', 'dsn', 'signature', 'sig'],
];

/** Names so telling that they also count at the end of one long word: `userpassword`, `myapikey`. */
export const STEMS: readonly string[] = [
  ...[
    'password',
    'passwd',
    'passphrase',
    'secret',
    'secretkey',
    'token',
    'apikey',
    'accesskey',
    'privatekey',
  ],
  ...['authorization', 'credentials', 'cookie', 'sessionid', 'connectionstring'],
];

/** Last words that say what form a secret has, not what is known about it: `passwordHash`, `tokenValue`. */
export const FORMS: ReadonlySet<string> = new Set([
  ...[
    'hash',
    'hashed',
    'value',
    'plain',
    'plaintext',
    'text',
    'raw',
    'encrypted',
    'base64',
    'pem',
    'string',
    'header',
  ],
  ...['confirm', 'confirmation', 'again', 'repeat', 'old', 'new', 'current', 'previous'],
]);

/** A name longer than this is looked at by its end only. */
const MAX_NAME = 128;
const CACHE_SIZE = 4_096;

/** True where a name promises a secret. */
export type NameTest = (name: string) => boolean;

export interface NameOptions {
  /** Further secret names. */
  readonly keys?: readonly string[];
  /** Names that are not secret after all. */
  readonly allowKeys?: readonly string[];
  /** Default true: start from `SECRET_NAMES`. */
  readonly defaults?: boolean;
}

/** A test of names; what it found is remembered, since the same few names come again with every event. */
export function createNameTest({ keys = [], allowKeys = [], defaults = true }: NameOptions = {}): NameTest {
  const allowed = new Set(allowKeys.map(normalize));
  const names = new Set(
    [...(defaults ? SECRET_NAMES : []), ...keys.map(normalize)].filter((name) => !allowed.has(name)),
  );
  const stems = STEMS.filter((stem) => names.has(stem));
  let known = new Map<string, boolean>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const secret = test(name.length > MAX_NAME ? name.slice(-MAX_NAME) : name, names, stems, allowed);
    // Names can come from clients: start over rather than grow.
    if (known.size >= CACHE_SIZE) known = new Map();
    if (name.length <= MAX_NAME) known.set(name, secret);
    return secret;
  };
}

/**
 * True where a name promises a secret by the default list: `password`, `newPassword`, `X-Api-Key`, `user[token]`,
 * `passwordHash`, `password2`. Not secret are names that merely mention one: `tokenCount`, `tokens`,
 * `passwordChangedAt`, `keyboard`.
 */
export const isSecretName: NameTest = createNameTest();

function test(
  name: string,
  names: ReadonlySet<string>,
  stems: readonly string[],
  allowed: ReadonlySet<string>,
): boolean {
  const whole = normalize(name);
  if (allowed.has(whole)) return false;
  if (names.has(whole)) return true;
  const words = split(name);
  while (words.length > 1 && FORMS.has(words.at(-1) as string)) words.pop();
  const last = words.join('');
  if (stems.some((stem) => last.endsWith(stem))) return true;
  for (let from = 0; from < words.length; from++) {
    if (names.has(words.slice(from).join(''))) return true;
  }
  return false;
}

/** A name as it is compared. */
export function normalize(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

// `userAPIKey_2` → user, api, key: at separators, before a capital after a small letter, before the last capital
// of a run; digits at the end of a word only number it.
function split(name: string): string[] {
  return name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => (FORMS.has(word) ? word : word.replace(/\d+$/, '')))
    .filter((word) => word !== '');
}
