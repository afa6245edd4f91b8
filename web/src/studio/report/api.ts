import { call } from '../../api/http.ts';
import type { Bill, Report } from './types.ts';

export const getReport = (show: string): Promise<Report> => call('GET', `/shows/${show}/report`);
export const reportCsv = (show: string): string => `/api/v1/shows/${show}/report.csv`;
export const claimsCsv = (show: string): string => `/api/v1/shows/${show}/claims.csv`;
export const listBills = (show: string): Promise<{ items: Bill[]; open: number }> => call('GET', `/shows/${show}/bills`);
export const makeBills = (show: string): Promise<{ made: number; open: number; items: Bill[] }> => call('POST', `/shows/${show}/bills`, { body: {} });
export const remindUnpaid = (show: string): Promise<{ unpaid: number; reminded: number; skipped: number }> => call('POST', `/shows/${show}/remind-unpaid`, { body: {} });
