// The graph's library as it is.
export { default as cytoscape } from "cytoscape";
