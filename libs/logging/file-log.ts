import type { WatchedFile } from '#libs/config/watched-file.js';
import type { Logger } from './logger.js';

/** Has the log tell of every change and every fault of a settings file from now on. `counts` says what of it counts without a restart. */
export function logFileChanges(file: WatchedFile<unknown>, logger: Logger, { counts }: { counts: string }): void {
  file.listen({
    onChange: () => logger.info({ file: file.file }, `the settings file was read again: ${counts}`),
    onFault: (faults) => {
      const told = faults.map(({ name, message }) => `${name}: ${message}`);
      logger.error(
        { file: file.file, faults: told },
        'the settings file is faulty: what was read before stays in force',
      );
    },
  });
}
