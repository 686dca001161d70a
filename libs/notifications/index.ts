export { AddressNotAllowed, isPrivateAddress, publicOnly, type Lookup } from './address-guard.js';
export { Courier, DeliveryError, type CourierOptions } from './courier.js';
export { portFault } from './ports.js';
export { signedHeaders, SigningSecretError } from './signing.js';
