// oidc-provider as a FAPI 2.0 authorization server that does the same work as ours.
import { readFileSync } from 'node:fs';
import { Storage } from './storage.mjs';

export const given = JSON.parse(readFileSync(process.env.BENCH_PEER));
const ALG = 'PS256';
const SCOPES = ['openid', 'accounts'];
const byPs256 = (...names) => Object.fromEntries(names.map((name) => [name, ALG]));

function client(client_id, registration) {
  return {
    client_id,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: given.jwks[client_id],
    ...byPs256(
      'token_endpoint_auth_signing_alg', 'id_token_signed_response_alg',
      'authorization_signed_response_alg',
    ),
    ...registration,
  };
}

const thirdParty = {
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types: ['code'],
  redirect_uris: [given.redirect_uri],
  scope: SCOPES.join(' '),
  authorization_details_types: [given.detail_type],
  require_pushed_authorization_requests: true,
  require_signed_request_object: true,
  request_object_signing_alg: ALG,
};
const clients = [
  client('tpp', { tls_client_certificate_bound_access_tokens: true, ...thirdParty }),
  client('tpp-dpop', { dpop_bound_access_tokens: true, ...thirdParty }),
  client(given.bank, { grant_types: [], response_types: [], redirect_uris: [] }),
];

function resourceServer(ctx, resource) {
  const common = { scope: 'accounts', audience: resource, accessTokenTTL: 300 };
  if (resource === given.opaque_resource) return { ...common, accessTokenFormat: 'opaque' };
  return { ...common, accessTokenFormat: 'jwt', jwt: { sign: { alg: ALG } } };
}

function detailIsComplete(ctx, detail) {
  if (!Array.isArray(detail.actions) || !Array.isArray(detail.datatypes)) {
    throw new Error('actions and datatypes are required');
  }
}

const signedWith = [
  'authorizationSigning', 'idTokenSigning', 'requestObjectSigning', 'clientAuthSigning',
  'userinfoSigning', 'introspectionSigning',
];

export const configuration = {
  adapter: Storage,
  clients,
  jwks: { keys: [given.server_key] },
  clientAuthMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  enabledJWA: {
    ...Object.fromEntries(signedWith.map((name) => [`${name}AlgValues`, [ALG]])),
    dPoPSigningAlgValues: ['ES256', ALG],
  },
  scopes: SCOPES,
  responseTypes: ['code'],
  claims: { openid: ['sub'] },
  cookies: { keys: [given.cookie_key] },
  pkce: { required: () => true },
  // As ours: a refresh token with a person's first token, whatever the scope, and never a new one.
  rotateRefreshToken: false,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  ttl: {
    AccessToken: 300, AuthorizationCode: 60, ClientCredentials: 300, Grant: 86400, IdToken: 300,
    Interaction: 600, PushedAuthorizationRequest: 90, RefreshToken: 86400, Session: 43200,
  },
  findAccount: async (ctx, sub) => ({
    accountId: sub,
    claims: async () => ({ sub, name: 'Mariam Haddad', email: `${sub}@example.com` }),
  }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true }, // its own pages
    dPoP: { enabled: true },
    fapi: { enabled: true, profile: '2.0' },
    introspection: {
      enabled: true,
      allowedPolicy: (ctx, caller) => caller.clientId === given.bank,
    },
    jwtResponseModes: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    requestObjects: { enabled: true, requireSignedRequestObject: true },
    revocation: { enabled: true },
    userinfo: { enabled: true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      getCertificate: (ctx) => decodeURIComponent(ctx.get('x-ssl-client-cert')) || undefined,
      certificateAuthorized: () => true,
      certificateSubjectMatches: () => true,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => false,
      getResourceServerInfo: resourceServer,
    },
    richAuthorizationRequests: {
      enabled: true,
      types: { [given.detail_type]: { validate: detailIsComplete } },
      authorizationDetailsForGrantSource: ({ oidc: { params } }) => (
        params.authorization_details && JSON.parse(params.authorization_details)
      ),
      authorizationDetailsForAccessToken: (ctx, token, source) => source?.rar,
      authorizationDetailsForIntrospection: (ctx, token) => token.rar,
    },
  },
};
