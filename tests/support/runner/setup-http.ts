import { failOnComplaints } from "./complaints";

failOnComplaints();
