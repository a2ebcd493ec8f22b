import { writeFile } from 'node:fs/promises';
import { GUIDE_LANGUAGES, guideFile, ruleGuide } from './rule-guide.js';

/** Writes the guides to the rules from the pack. Run after every change of a rule. */
for (const language of GUIDE_LANGUAGES) await writeFile(guideFile(language), ruleGuide(language));
