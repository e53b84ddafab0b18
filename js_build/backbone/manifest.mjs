/* The manifest of the tests that are left out is held to exactly. */

/**
 * What a run comes to. `ran`: {file: {test: null (passed) or sentences}}; `leftOut`: {file: {test: reason}}.
 *
 * A failure that the manifest does not name breaks the agreement, and so does a test that it names without a reason, that
 * passes, or that does not exist.
 */
export function judge(ran, leftOut) {
  const lines = [];
  const complain = (file, test, what) => lines.push(`${file}: ${test.trim()}: ${what}`);
  const counts = [];
  for (const [file, tests] of Object.entries(ran)) {
    const reasons = leftOut[file] ?? {};
    for (const [test, failures] of Object.entries(tests)) {
      const reason = reasons[test];
      if (failures !== null && reason === undefined) complain(file, test, `FAILED\n    ${failures.join("\n    ")}`);
      if (failures === null && reason !== undefined) complain(file, test, "passes, but left-out.json says why it cannot");
    }
    for (const [test, reason] of Object.entries(reasons)) {
      if (!(test in tests)) complain(file, test, "is in left-out.json, but there is no such test");
      if (typeof reason !== "string" || reason.length < 10) complain(file, test, "is left out without a reason");
    }
    const passed = Object.values(tests).filter((failures) => failures === null).length;
    counts.push(`${file}: ${passed} of ${Object.keys(tests).length} pass, ${Object.keys(reasons).length} are left out`);
  }
  for (const file of Object.keys(leftOut)) {
    if (!(file in ran)) lines.push(`${file}: is in left-out.json, but was not run`);
  }
  return { lines: [...lines, ...counts], agreed: lines.length === 0 };
}
