/** The argument that makes the program play the part of the child that places files. */
export const PLACE_FILES_ROLE = 'place-files';
