// Where Cygnet and OpenSSL 3.0 judge a kind of chain differently: who is stricter, and why. A kind that is not here has to be judged alike.
namespace Cygnet.PkiTool.Tests.Corpus;

static class Disagreements
{
    const string Ours = "Cygnet", Theirs = "openssl";

    public static readonly Dictionary<string, (string Stricter, string Why)> Known = new()
    {
        ["issuer: another key id"] = (Theirs, "RFC 5280 4.2.1.1: the key id is for building paths, 6.1 does not validate it; a CA renewed with its old key may carry another id. The signature decides"),
        ["basicConstraints: none in the root"] = (Ours, "RFC 5280 6.1.4 (k) is for the path without its anchor; OpenSSL lets a self-signed root issue without. ipsec.d/cacerts takes CAs only, as in strongSwan"),
        ["path length: nine CAs"] = (Ours, "no RFC limits paths; strongSwan ends after 7 intermediate CAs, so do we: a stranger pays for its chain"),
        ["several paths: a loop beside"] = (Theirs, "RFC 4158 2.4.2: a loop is left for the next candidate; OpenSSL does not go back"),
        ["mail address: in other letters"] = (Theirs, "RFC 5280 7.5: the part before the @ is compared as it is; strongSwan 6 and we ignore case, so that an excluded address is not evaded by it"),
        ["host in the common name"] = (Theirs, "RFC 5280 4.2.1.10 binds subjectAltNames of the form; OpenSSL takes common names for hosts. IKE compares no identity with a common name alone (RFC 4945 3.1.5)"),
        ["constraint that is a number only"] = (Ours, "RFC 5280 4.2.1.10: an address constraint has 8 or 32 bytes; OpenSSL notices it only where an address is to be compared"),
        ["constraint with a mask of holes"] = (Ours, "RFC 5280 4.2.1.10: in the style of RFC 4632, so a prefix; OpenSSL compares bit by bit"),
        ["name constraints: data behind"] = (Ours, "X.690 8.1, RFC 5280 4.2: an extension holds one value"),
        ["blocks: side by side"] = (Theirs, "RFC 3779 2.2.3.7: neighbours must be written as one; what the blocks hold is the same"),
        ["blocks: not in order"] = (Theirs, "RFC 3779 2.2.3.6: blocks must be sorted; what they hold is the same. strongSwan's pki writes them as given"),
        ["blocks: the end entity has none"] = (Ours, "RFC 3779 2.3 leaves it without addresses; strongSwan (plugin addrblock, strict=yes) refuses, as its selectors could not be limited"),
        ["blocks: an unknown family"] = (Ours, "RFC 3779 2.2.3.3 allows any; IPsec has two, and strongSwan refuses others too"),
        ["explicit: by the root"] = (Ours, "RFC 5280 6.2: what the anchor's certificate demands may be applied; strongSwan does, OpenSSL does not"),
        ["mapping: inhibited, nobody minds"] = (Ours, "RFC 5280 6.1.4 (b) (2) drops the mapped policies; strongSwan refuses the path that does what a CA forbade"),
        ["anyPolicy: inhibited, nobody minds"] = (Ours, "RFC 5280 6.1.3 (d) (2) does not count it; strongSwan refuses the path that does what a CA forbade"),
        ["policies: empty"] = (Ours, "RFC 5280 4.2.1.4: SIZE (1..MAX)"),
        ["mappings: empty"] = (Ours, "RFC 5280 4.2.1.5: SIZE (1..MAX); OpenSSL reads mappings of certificates with policies only"),
        ["inhibitAnyPolicy: malformed"] = (Ours, "RFC 5280 4.2.1.14: an INTEGER; OpenSSL reads it of certificates with policies only"),
        ["basicConstraints: TRUE that is not ff"] = (Ours, "X.690 11.1: DER has one TRUE"),
        ["basicConstraints: data behind"] = (Ours, "X.690 8.1, RFC 5280 4.2: an extension holds one value"),
        ["subjectAltName: an address of 5 bytes"] = (Ours, "RFC 5280 4.2.1.6: 4 or 16 bytes"),
        ["authority information: malformed"] = (Ours, "RFC 5280 4.2.2.1; OpenSSL does not read it to verify, we do to find OCSP responders"),
        ["version: extensions in one of version 1"] = (Ours, "RFC 5280 4.1.2.9: extensions MUST only appear in version 3; OpenSSL minds with -x509_strict"),
        ["version: a root of version 1"] = (Ours, "RFC 5280 6.1.4 (k): version 1 cannot say that it is a CA's; strongSwan wants basicConstraints of any CA"),
        ["version: 4"] = (Ours, "RFC 5280 4.1.2.1: 1, 2 and 3 are defined"),
        ["lengths: of no end"] = (Ours, "RFC 5280 4.1: certificates are DER; two encodings of one certificate would defeat comparison"),
        ["lengths: longer than need be"] = (Ours, "RFC 5280 4.1, X.690 10.1: the shortest form"),
        ["data behind the certificate"] = (Ours, "RFC 7296 3.6: a CERT payload holds one certificate; OpenSSL stops reading"),
    };
}
