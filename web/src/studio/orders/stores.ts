/** Who carries parcels, by the code the API has for them; names as on their signs. */
export const chains: Record<string, string> = {
  711: '7-ELEVEN', family: 'FamilyMart 全家', hilife: 'Hi-Life 萊爾富', ok: 'OKmart', tcat: '黑貓宅急便', thpost: 'ไปรษณีย์ไทย',
};
