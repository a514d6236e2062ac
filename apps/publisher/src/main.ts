import { x } from '@app/contracts';
console.log(x);
