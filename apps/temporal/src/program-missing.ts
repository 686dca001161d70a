/** A program that this machine lacks; the message is one line that says which, and the cure. */
export class ProgramMissing extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProgramMissing';
  }
}
