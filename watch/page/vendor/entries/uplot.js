// The charts' library as it is.
export { default as uPlot } from "uplot";
