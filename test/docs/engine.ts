/** What a container engine alone can do; none runs on a machine of the tests. */
export const ENGINE_ALONE = /^docker (?:build|compose up) /;
