/** What buyers type, as the tag it hangs on. */
export const Code = ({ code }: { code: string }) => <span class="code num">{code}</span>;
