import fs from 'node:fs';
import eslint from '@eslint/js';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

/** Each folder of a vendor. `common` is for all of them. */
const vendors = fs
  .readdirSync(new URL('./libs/vendors', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'common')
  .map(({ name }) => name);

/** A part may import only what is listed here; `docs/architecture.md` §2. */
const zones = [
  {
    target: './libs/contracts',
    from: ['./libs', './apps', './activities', './workflows', './test'],
    except: ['./contracts'],
  },
  {
    target: './libs/planning',
    from: ['./libs', './apps', './activities', './workflows', './test'],
    except: ['./planning', './contracts'],
  },
  {
    target: './libs/progress',
    from: ['./libs', './apps', './activities', './workflows', './test'],
    except: ['./progress', './contracts', './planning'],
  },
  {
    target: './libs/history',
    from: ['./libs', './apps', './activities', './workflows', './test'],
    except: ['./history', './contracts', './progress', './temporal', './secrets'],
  },
  {
    target: './libs/text',
    from: ['./libs', './apps', './activities', './workflows', './test'],
    except: ['./text'],
  },
  { target: './libs', from: ['./apps', './activities', './workflows', './test', './scripts', './tools'] },
  {
    target: './libs/fields',
    from: ['./libs', './apps', './activities', './workflows', './test'],
    except: ['./fields', './contracts', './planning', './text'],
  },
  {
    target: './libs/onboarding',
    from: ['./libs', './apps', './activities', './workflows', './test'],
    except: ['./onboarding', './contracts', './planning', './vendors'],
  },
  ...vendors.map((vendor) => ({
    target: `./libs/vendors/${vendor}`,
    from: vendors.filter((other) => other !== vendor).map((other) => `./libs/vendors/${other}`),
  })),
  { target: './activities', from: ['./apps', './workflows', './test'] },
  {
    target: './apps/sandbox',
    from: [
      './libs/vendors',
      './libs/schemas',
      './libs/fields',
      './libs/onboarding',
      './libs/resources',
      './libs/planning',
    ],
  },
  { target: './apps/cli', from: ['./libs'], except: ['./contracts', './config', './audit', './net', './files'] },
  { target: ['./apps', './libs', './workflows', './activities'], from: ['./test'] },
];

/** libs/x may not import libs/x's own siblings by `except`: the zone above is written relative to `from`. */
const restrictedPaths = zones.flatMap(({ target, from, except }) =>
  [target]
    .flat()
    .flatMap((t) =>
      [from].flat().map((f) => ({ target: t, from: f, ...(except && f === './libs' ? { except } : {}) })),
    ),
);

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.gangway/**', 'coverage/**', 'libs/temporal/failure-converter.cjs'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, importX.flatConfigs.typescript],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.config.ts'] }, tsconfigRootDir: import.meta.dirname },
    },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ conditionNames: ['gangway-source', 'types', 'node', 'import', 'default'] }),
        createNodeResolver(),
      ],
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': ['error', { zones: restrictedPaths }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in libs/config alone.' },
      ],
    },
  },
  {
    // Workflow code runs in Temporal's sandbox: deterministic, bundled, no Node built-ins.
    files: ['workflows/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!@temporalio/(workflow|common)$|\\.\\.?/|#libs/(contracts|planning)/|#workflows/)',
              message:
                'Workflows import only @temporalio/workflow, @temporalio/common, libs/contracts and libs/planning.',
              allowTypeImports: true,
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'Identifier[name=/^(setWorkflowOptions|versioningBehavior|initialVersioningBehavior|versioningOverride)$/]',
          message:
            'A workflow that says what becomes of it when versions change is refused by every worker without a version: that is the setting of a worker.',
        },
      ],
    },
  },
  {
    files: ['libs/{contracts,planning,progress,text}/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(node:|@temporalio/|@nestjs/|zod|undici|pino)', message: 'This part is pure: no dependency.' },
          ],
        },
      ],
    },
  },
  {
    // Tests beside the code use the factories of `test`; the code itself does not.
    files: ['**/*.spec.ts'],
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: restrictedPaths.filter(({ from }) => from !== './test') }],
    },
  },
  {
    files: ['libs/config/**/*.ts', 'test/**/*.ts', '**/*.spec.ts', '*.config.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
      },
    },
  },
);
