// ipsec, starter and stroke: one executable that looks at the name it was called by.
using Cygnet.Command;
using Cygnet.Command.Starter;

// These stay and obey signals, also as the background job of a shell or under nohup.
if (CalledAs.Name == "starter" || args is ["start" or "restart", ..]) Cygnet.Linux.UnixSignal.TakeIgnored();
var world = Surroundings.OfThisProcess();
if (CalledAs.Name == "starter") return Starter.Run(world, args);

// The reference is a script, and is called by its full path also where the shell found it by its name.
var name = CalledAs.Argument0.Contains('/') ? CalledAs.Argument0 : $"{world.Paths.SbinDir}/ipsec";
return Ipsec.Run(world, name, CalledAs.Name == "stroke" ? ["stroke", .. args] : args);
