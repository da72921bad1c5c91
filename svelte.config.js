/** Nothing to set; its presence keeps tools from looking for a configuration in the folders above. */
export default {}
