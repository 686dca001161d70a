import {
  VendorError,
  vendorFault,
  type ErrorCode,
  type ResolvedNode,
  type VendorFault,
  type VendorOperation,
} from '#libs/contracts/index.js';

/** A fault that the engine itself finds, about one node. */
export function nodeFault(
  node: Pick<ResolvedNode, 'vendor' | 'resource'>,
  operation: VendorOperation,
  code: ErrorCode,
  message: string,
  facts: Partial<VendorFault> = {},
): VendorError {
  return new VendorError(
    vendorFault({ code, vendor: node.vendor, resource: node.resource, operation, message, ...facts }),
  );
}
