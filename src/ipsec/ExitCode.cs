// Exit codes of ipsec and starter, in the tradition of init scripts. ipsec(8).
namespace Cygnet.Command;

static class ExitCode
{
    public const int Success = 0, Dead = 1, Usage = 2, InvalidArgument = 2, NotRunningStatus = 3, NoPermission = 4, NotRunning = 7, NoAnswer = 255;

    /// <summary>Starter: the daemon cannot be started, or the machine lacks something.</summary>
    public const int Failed = 1;

    /// <summary>Codes of charon from here on mean that starting it again cannot help.</summary>
    public const int DaemonGivesUp = 64;
}
