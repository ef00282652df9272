// What stroke says of itself, in the reference's words. ipsec(8).
namespace Cygnet.Command.Commands;

static class StrokeUsage
{
    public const string Text = """
        stroke [OPTIONS] command [ARGUMENTS]

        Options:
          -h, --help             print this information.
          -d, --daemon=NAME      name of the daemon.
        Commands:
          Add a connection:
            stroke add NAME MY_ID OTHER_ID MY_ADDR OTHER_ADDR\
                   MY_NET OTHER_NET
            where: ID is any IKEv2 ID 
                   ADDR is a IPv4 address
                   NET is a IPv4 subnet in CIDR notation
          Delete a connection:
            stroke delete NAME
            where: NAME is a connection name added with "stroke add"
          Initiate a connection:
            stroke up NAME
            where: NAME is a connection name added with "stroke add"
          Initiate a connection without blocking:
            stroke up-nb NAME
            where: NAME is a connection name added with "stroke add"
          Terminate a connection:
            stroke down NAME
            where: NAME is a connection name added with "stroke add"
          Terminate a connection without blocking:
            stroke down-nb NAME
            where: NAME is a connection name added with "stroke add"
          Terminate a connection by remote srcip:
            stroke down-srcip START [END]
            where: START and optional END define the clients source IP
          Set loglevel for a logging type:
            stroke loglevel TYPE LEVEL
            where: TYPE is any|dmn|mgr|ike|chd|job|cfg|knl|net|asn|enc|tnc|imc|imv|pts|tls|esp|lib
                   LEVEL is -1|0|1|2|3|4
          Show connection status:
            stroke status
          Show extended status information:
            stroke statusall
          Show extended status information without blocking:
            stroke statusall-nb
          Show list of authority and attribute certificates:
            stroke listcacerts|listocspcerts|listaacerts|listacerts [--utc]
          Show list of end entity certificates, ca info records  and crls:
            stroke listcerts|listcainfos|listcrls|listall [--utc]
          Show list of supported algorithms:
            stroke listalgs
          Reload authority and attribute certificates:
            stroke rereadcacerts|rereadocspcerts|rereadaacerts|rereadacerts
          Reload secrets and crls:
            stroke rereadsecrets|rereadcrls|rereadall
          Purge ocsp cache entries:
            stroke purgeocsp
          Purge CRL cache entries:
            stroke purgecrls
          Purge X509 cache entries:
            stroke purgecerts
          Purge IKE_SAs without a CHILD_SA:
            stroke purgeike
          Export credentials to the console:
            stroke exportx509 DN
            stroke exportconncert connname
            stroke exportconnchain connname
          Show current memory usage:
            stroke memusage
          Show leases of a pool:
            stroke leases [POOL [ADDRESS]]
          Set username and password for a connection:
            stroke user-creds NAME USERNAME [PASSWORD]
            where: NAME is a connection name added with "stroke add"
                   USERNAME is the username
                   PASSWORD is the optional password, you'll be asked to enter it if not given
          Show IKE counters:
            stroke listcounters [connection-name]

        """;

    /// <summary>To standard error, with the reason; answers the exit code.</summary>
    public static int Fail(TextWriter error, string reason)
    {
        error.Write($"{Text}\nError: {reason}\n");
        return ExitCode.NoAnswer;
    }
}
