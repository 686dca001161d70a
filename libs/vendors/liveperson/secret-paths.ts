/**
 * Secret fields in the body of an app (`docs/vendors/liveperson.md` §5.1), and of the section, which is that body: header values of the
 * manifest; its exact text, where it was given as one, holds them too.
 */
export const APP_SECRETS: readonly string[] = ['manifest.capabilities.webhooks.*.headers[].header_value', 'text'];
