export function checkDefinition(_definition: object): void {}
