// Printing and reading proposals: the keyword grammar of ike= and esp=, and the form of the logs. ipsec-conf.md section 6.
namespace Cygnet.Policy;

static class ProposalText
{
    public static string Format(Proposal proposal) => proposal.Protocol.ToString();
}
