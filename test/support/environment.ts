// The environment of a person at a shell, as opposed to that of a test under npm. Imports nothing.

/** Without what the npm and turbo around this test have set for their own children. */
export function strangersEnv(): NodeJS.ProcessEnv {
  const own =
    /^(INIT_CWD|TURBO_.*|AUDIT_.*|npm_(package|lifecycle|command|execpath|config_(local_prefix|prefix|node_gyp|user_agent)).*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}
