export { AuditFile } from './audit-file.js';
export { auditText, FIRST, hashOf, readAuditLine, TORN, type AuditEntry, type AuditLine } from './record.js';
export { verifyAuditFile, type AuditReport } from './verify.js';
