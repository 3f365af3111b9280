// A client made of openid-client and of nothing of this project. It reads one command per line, as
// JSON, and answers each with one line of JSON: {"done": ...} or {"refused": ...}.

import { webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import * as openid from 'openid-client'
import { Agent, fetch } from 'undici'

// Node 18 keeps these in a module, where openid-client does not look.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey

const PS256 = { name: 'RSA-PSS', hash: 'SHA-256' }
const SECONDS = 60

let config // what openid-client knows of issuer and client
let signing // the private key for assertions and request objects
let proofs // the DPoP handle, where tokens are bound by DPoP
let pending // what is kept while the person is away
const heard = [] // where requests went, and the status of each answer

const commands = {
  async connect({ issuer, client_id, authentication, signing_jwk, identity, dpop, jarm, discovery }) {
    const jwk = JSON.parse(readFileSync(signing_jwk, 'utf8'))
    const key = await crypto.subtle.importKey('jwk', jwk, PS256, false, ['sign'])
    signing = { key, kid: jwk.kid }
    const methods = {
      private_key_jwt: () => openid.PrivateKeyJwt(signing),
      tls_client_auth: () => openid.TlsClientAuth(),
    }
    const metadata = {
      id_token_signed_response_alg: 'PS256',
      authorization_signed_response_alg: 'PS256',
      introspection_signed_response_alg: 'PS256',
      use_mtls_endpoint_aliases: Boolean(identity.certificate),
    }
    config = await openid.discovery(new URL(issuer), client_id, metadata, methods[authentication](), {
      [openid.customFetch]: fetchAs(identity),
      algorithm: discovery,
      execute: [openid.enableNonRepudiationChecks, ...(jarm ? [openid.useJwtResponseMode] : [])],
      timeout: SECONDS,
    })
    proofs = dpop ? openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256')) : undefined
    return { server: config.serverMetadata() }
  },

  async push({ redirect_uri, scope, authorization_details }) {
    pending = {
      pkceCodeVerifier: openid.randomPKCECodeVerifier(),
      expectedState: openid.randomState(),
      expectedNonce: openid.randomNonce(),
      idTokenExpected: true,
    }
    const wanted = {
      redirect_uri,
      scope,
      authorization_details: JSON.stringify(authorization_details),
      state: pending.expectedState,
      nonce: pending.expectedNonce,
      code_challenge: await openid.calculatePKCECodeChallenge(pending.pkceCodeVerifier),
      code_challenge_method: 'S256',
    }
    const signed = await openid.buildAuthorizationUrlWithJAR(config, wanted, signing)
    const url = await openid.buildAuthorizationUrlWithPAR(config, signed.searchParams, bound())
    return { url }
  },

  async redeem({ url }) {
    const parameters = undefined
    return tokens(
      await openid.authorizationCodeGrant(config, new URL(url), pending, parameters, bound()),
    )
  },

  async refresh({ refresh_token }) {
    return tokens(await openid.refreshTokenGrant(config, refresh_token, undefined, bound()))
  },

  async client_credentials({ scope }) {
    return tokens(await openid.clientCredentialsGrant(config, { scope }, bound()))
  },

  async userinfo({ access_token, subject }) {
    return openid.fetchUserInfo(config, access_token, subject, bound())
  },

  async introspect({ token }) {
    return openid.tokenIntrospection(config, token)
  },

  async revoke({ token }) {
    await openid.tokenRevocation(config, token)
    return {}
  },

  async call({ url, access_token }) {
    const answer = await openid.fetchProtectedResource(
      config,
      access_token,
      new URL(url),
      'GET',
      undefined,
      undefined,
      bound(),
    )
    return { status: answer.status, body: await answer.json() }
  },

  async heard() {
    return { exchanges: heard.splice(0) }
  },
}

function bound() {
  return { DPoP: proofs }
}

function tokens(answer) {
  return { ...answer, id_token_claims: answer.claims() }
}

/** Trust one root alone, and present the certificate, if there is one. */
function fetchAs({ root, certificate, key }) {
  const connect = { ca: readFileSync(root) }
  if (certificate) {
    connect.cert = readFileSync(certificate)
    connect.key = readFileSync(key)
  }
  const dispatcher = new Agent({ connect })
  return async (url, options) => {
    const answer = await fetch(url, { ...options, dispatcher })
    heard.push({ url, status: answer.status })
    return answer
  }
}

function refusal(fault) {
  const challenge = Array.isArray(fault.cause) ? fault.cause[0].parameters : {}
  return {
    kind: fault.constructor.name,
    status: fault.status ?? 0,
    error: fault.error ?? challenge.error ?? '',
    description: fault.error_description ?? challenge.error_description ?? '',
    message: [fault.message, fault.code, fault.cause?.message].filter(Boolean).join('; '),
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...facts } = JSON.parse(line)
  let answer
  try {
    answer = { done: await commands[command](facts) }
  } catch (fault) {
    answer = { refused: refusal(fault) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
process.exit() // connections that are kept alive would keep it waiting
